"""Makes ``python -m service`` the same as ``naivenet``."""

from service.cli import main

main()
