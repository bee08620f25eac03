"""What the actuator reads, turned into views that decision code understands."""
