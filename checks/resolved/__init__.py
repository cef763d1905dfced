"""A system as it will be deployed: stacks flattened, values known.

```python
from checks.resolved import resolve

system = resolve(rendering, {"EnvironmentSuffix": "dev", "CertificateArn": "/certificate"})
system.resources["ApiGatewayService/LogGroup"].properties["LogGroupName"]
# '/ecs/payment-api-gateway-dev'
system.resources["ApiGatewayService/Service"].properties["TaskDefinition"]
# Reference('ApiGatewayService/TaskDefinition')
system.outputs["EcsClusterName"]
# 'payment-gateway-dev'
```

Checks of what follows from many templates together stand on this, and so can users' own tests.
Parameters, outputs, conditions, pseudo parameters and intrinsic functions are followed as
CloudFormation follows them. What only AWS will know is a ``Reference``: ``checks.resolved.model``
says what that is, ``checks.resolved.identity`` which names and ARNs are known before. What cannot
be resolved raises ``ResolutionError``, which says where. ``merge`` writes such a system as one
template, for tools that read neither nested stacks nor parameters.
"""

from checks.resolved.merge import Merged, merge
from checks.resolved.model import (
    Place,
    Reference,
    Resource,
    Stack,
    System,
    is_retained,
    references,
)
from checks.resolved.resolve import ResolutionError, resolve, samples

__all__ = [
    "Merged",
    "Place",
    "Reference",
    "ResolutionError",
    "Resource",
    "Stack",
    "System",
    "is_retained",
    "merge",
    "references",
    "resolve",
    "samples",
]
