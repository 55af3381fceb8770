"""Names of task queues, workflows, signals and search attributes, which running workflows keep: they do not change.

A workflow's id is its stream's name.
"""

from datetime import timedelta

from temporalio.common import SearchAttributeKey

TASK_QUEUE = "vekha"
# Letters wait for mail servers: their activities stand in nobody's way here.
LETTERS_QUEUE = "vekha-letters"
MEASURE_WORKFLOW = "MeasureStream"
YEAR_WORKFLOW = "YearStream"
SUBMIT = "submit"
RESUME = "resume"
# To a year: see that each of its measures runs.
RESTORE = "restore"

# A turn that a killed worker held is given to another one after this time.
TASK_LIMIT = timedelta(seconds=5)
TURNS_PER_RUN = 200

ALARM = SearchAttributeKey.for_bool("VekhaAlarm")
STAGE = SearchAttributeKey.for_keyword("VekhaStage")
OVERDUE = SearchAttributeKey.for_int("VekhaOverdue")
NEXT_DUE = SearchAttributeKey.for_datetime("VekhaNextDue")
