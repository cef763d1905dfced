"""Deployment: the least rights that it takes to deploy a system.

They are derived from the types of resources that a system is made of and what the schemas of these
types say that CloudFormation calls, on the system's own resources wherever their names can say so.
"""
