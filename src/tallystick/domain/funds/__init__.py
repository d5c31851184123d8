"""Keep a division's figures, the shared credit limit, charges, holds and transfers between divisions."""
