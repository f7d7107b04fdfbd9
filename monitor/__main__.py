"""`python -m monitor` is `tos-monitor`."""

from monitor.cli import main

if __name__ == "__main__":
    main()
