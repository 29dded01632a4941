"""What drugs and events are called in reports, and what that is taken for."""
