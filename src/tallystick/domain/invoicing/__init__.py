"""Issue invoices and credit notes, number them without gaps, and keep what is paid, credited and open of each."""
