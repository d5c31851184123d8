"""Keep schedules, put customers into groups, pause and remind."""

from tallystick.domain.reminders.operations.pausing import lift_pause, pause_reminders
from tallystick.domain.reminders.operations.reminding import Foreseen, Reminded, foresee, remind, take_turn
from tallystick.domain.reminders.operations.scheduling import choose_group, create_group, set_group

__all__ = ["Foreseen", "Reminded", "choose_group", "create_group", "foresee", "lift_pause", "pause_reminders", "remind", "set_group", "take_turn"]
