"""The resource types that the local AWS can do, one module per domain.

Every type says which properties it keeps. A type or a property that is not listed here fails the
creation of the resource, so a green deployment never hides something that was left out.
"""
