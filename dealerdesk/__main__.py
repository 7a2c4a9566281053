"""`python -m dealerdesk`: the same as the `dealerdesk` command."""

from dealerdesk.cli import main

if __name__ == "__main__":
    main()
