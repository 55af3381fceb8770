"""The durable loop around the domain: it adds durability and nothing else.

The task queue and the names of workflows stand here; a workflow's id is its stream's name.
"""

from datetime import timedelta

TASK_QUEUE = "vekha"
MEASURE_WORKFLOW = "Measure"
ROADMAP_WORKFLOW = "Roadmap"
SUBMIT = "submit"
RESUME = "resume"

# A turn that a killed worker held is given to another one after this time.
TASK_LIMIT = timedelta(seconds=5)
TURNS_PER_RUN = 200
JITTER_SECONDS = 5.0
