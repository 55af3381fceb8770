"""The durable loop around the rules: it waits, it remembers what came, and nothing else.

Task queues and the names of workflows stand here; a workflow's id is its stream's name.
"""

from datetime import timedelta

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
