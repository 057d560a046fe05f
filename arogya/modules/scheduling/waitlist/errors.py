"""What the waitlist refuses."""

from arogya.platform.errors import Conflict, NotFound


class OnWaitlistAlready(Conflict):
    """Carries `entry_id`."""

    code, title = "on_waitlist_already", "The patient is on this waiting list already"


class WaitlistLeft(Conflict):
    code, title = "waitlist_left", "This patient is not on the waiting list any more"


class OfferOver(Conflict):
    """Carries `current_status`: accepted, declined, lapsed or withdrawn."""

    code, title = "offer_over", "This offer has been answered, or its time is over"


class OfferLinkUnknown(NotFound):
    code, title = "offer_link_unknown", "This link opens nothing; sign in, or call the hospital"
