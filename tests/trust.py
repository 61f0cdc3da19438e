"""What opens the services to tests: the secret of all test stacks, and a header that shows it."""

import time

from joserfc import jwt
from joserfc.jwk import OctKey

from compose.directory import Secrets
from compose.topology import MODULES

SERVICE_SECRET = "a secret of 32 bytes, for services in tests"
ENVIRONMENT = {"SERVICE_SECRET": SERVICE_SECRET}
SECRETS = Secrets(jwt="a secret of thirty-two bytes or more", service=SERVICE_SECRET)


def trusted() -> dict[str, str]:
    """A header that is good for every part, and for an hour."""
    claims = {"iss": "tests", "aud": list(MODULES), "exp": int(time.time()) + 3600}
    return {
        "authorization": f"Bearer {jwt.encode({'alg': 'HS256'}, claims, OctKey.import_key(SERVICE_SECRET))}"
    }
