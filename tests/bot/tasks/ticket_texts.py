"""Texts of tickets about three issues."""

from __future__ import annotations

PRINTER = "printer prints blank pages after the firmware update"
PRINTER_TOO = "printer prints empty pages after the driver update"
INVOICE = "invoice export fails with error 500"
VPN = "vpn drops every hour on the hotel wifi"
