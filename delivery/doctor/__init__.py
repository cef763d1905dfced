"""Why a deployed system does not work: one module for each kind of trouble. Only reads."""
