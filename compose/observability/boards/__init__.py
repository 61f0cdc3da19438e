from compose.observability.boards.customers import CUSTOMERS
from compose.observability.boards.outbox import OUTBOX
from compose.observability.boards.payment import PAYMENT
from compose.observability.boards.processes import PROCESSES
from compose.observability.boards.queues import QUEUES
from compose.observability.boards.saga import SAGA

DASHBOARDS = (CUSTOMERS, SAGA, PAYMENT, OUTBOX, QUEUES, PROCESSES)
