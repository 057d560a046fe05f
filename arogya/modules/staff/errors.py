"""What staff refuses."""

from typing import ClassVar

from arogya.platform.errors import Conflict, Field, constraint_means


class Taken(Conflict):
    """Something that only one of them can have. The refusal names the field."""

    field: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(fields=[Field(self.field, self.code, self.title)])


class RegistrationTaken(Taken):
    code, title = "registration_taken", "Another practitioner has this registration number"
    field = "registration_number"


class UserTaken(Taken):
    code, title = "user_taken", "This user is already linked to someone else"
    field = "user_id"


class AlreadyLinked(Conflict):
    code, title = "already_linked", "Another user signs in as this person"


class ServiceIsNobody(Conflict):
    code, title = "service_is_nobody", "A service is nobody: no user can be it"


class EmployeeNumberTaken(Taken):
    code, title = "employee_number_taken", "Another member of staff has this employee number"
    field = "employee_number"


constraint_means("uq_practitioners_registration", RegistrationTaken)
constraint_means("uq_practitioners_organization_id_user_id", UserTaken)
constraint_means("uq_staff_members_organization_id_user_id", UserTaken)
constraint_means("uq_staff_members_organization_id_employee_number", EmployeeNumberTaken)
