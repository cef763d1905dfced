"""What AWS refuses and ministack lets through, one module per kind of rule.

A rule is one function, for both ways to a resource: the service's own call, guarded here, and
CloudFormation, whose handlers go past that call (`localaws.resources.rules`). It raises CallError
with the code that AWS gives.
"""
