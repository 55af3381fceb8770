"""The durable loop around the domain: it adds durability and nothing else.

The task queue and the names of workflows stand here; a workflow's id is its stream's name.
"""

TASK_QUEUE = "vekha"
MEASURE_WORKFLOW = "Measure"
ROADMAP_WORKFLOW = "Roadmap"
SUBMIT = "submit"
RESUME = "resume"

TURNS_PER_RUN = 200
JITTER_SECONDS = 5.0
