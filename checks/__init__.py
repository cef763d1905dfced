"""Why a build can be trusted: lint, quotas, contracts, parameter files, rules of our own."""
