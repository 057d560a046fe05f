"""The hours in which a hospital's messages let people sleep. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one wall time to another, past midnight where that is the earlier one; never where both are one."""

    begins: time
    ends: time

    def over_at(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When they are over, in UTC; None where it is not quiet now."""
        local = now.astimezone(zone)
        wall = local.time()
        if self.begins <= self.ends:
            is_quiet = self.begins <= wall < self.ends
        else:
            is_quiet = wall >= self.begins or wall < self.ends
        if not is_quiet:
            return None
        day = local.date() if wall < self.ends else local.date() + timedelta(days=1)
        return datetime.combine(day, self.ends, zone).astimezone(UTC)
