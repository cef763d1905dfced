"""Run ``python -m delivery``; ``./deploy.sh`` does."""

import sys

from delivery.cli import main

sys.exit(main())
