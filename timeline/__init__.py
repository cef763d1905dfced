"""How long deployments take: what CloudFormation does when, simulated over rendered templates.

```python
from timeline import scenarios

for one in scenarios(rendering, parameters, durations(), "typical"):
    print(one.title, one.schedule.makespan)
```

An estimate to compare layouts with: published times per resource type, as many steps at once as
dependencies allow, no throttling, no failure.
"""
