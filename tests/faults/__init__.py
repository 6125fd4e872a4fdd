"""What the hub promises while its parts are killed, lost or poisoned; each test has a sabotaged twin that must fail."""
