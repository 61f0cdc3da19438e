"""RabbitMQ's queues, and what was set aside."""

from compose.observability.panels import Dashboard, Panel
from compose.observability.promql import FACTS, rate, worst

QUEUES = Dashboard(
    "queues",
    "5. Queues and dead letters",
    (
        Panel(
            "Facts waiting",
            "Messages in each service's queue, those being worked on included.",
            "short",
            {"{{queue}}": "rabbitmq_detailed_queue_messages" + FACTS},
            alarming=1000,
        ),
        Panel(
            "Hearers",
            "Consumers of each: one for each replica.",
            "short",
            {"{{queue}}": "rabbitmq_detailed_queue_consumers" + FACTS},
        ),
        Panel(
            "Dead letters",
            "Set aside, and waiting for somebody to look at them.",
            "short",
            {"{{job}}": worst("dead_letters_waiting")},
            alarming=1,
        ),
        Panel(
            "Set aside",
            "By why: malformed is no fact at all; failed is one that its hearer failed on each time.",
            "ops",
            {"{{job}} {{reason}}": rate("dead_letters_total", "job, reason")},
        ),
        Panel(
            "To be tried again",
            "What failed, and waits for its next try; and what was handed out anew as a hearer went away.",
            "ops",
            {
                "{{job}} tried again": rate("messages_retried_total", "job"),
                "{{queue}} redelivered": "rate(rabbitmq_detailed_queue_messages_redelivered_total"
                + FACTS
                + "[5m])",
            },
        ),
        Panel(
            "In the retry queues",
            "What waits for its next try.",
            "short",
            {"{{queue}}": 'rabbitmq_detailed_queue_messages{queue=~".+[.]retry[.].+"}'},
        ),
        Panel(
            "RabbitMQ's memory",
            "What it holds, and where it makes publishers wait.",
            "bytes",
            {
                "held": "rabbitmq_process_resident_memory_bytes",
                "limit": "rabbitmq_resident_memory_limit_bytes",
            },
        ),
        Panel(
            "RabbitMQ's disk",
            "What is free, and where it makes publishers wait.",
            "bytes",
            {
                "free": "rabbitmq_disk_space_available_bytes",
                "limit": "rabbitmq_disk_space_available_limit_bytes",
            },
        ),
    ),
)
