"""A folder that looks like the kernel's sysfs as far as CPU packages go."""
