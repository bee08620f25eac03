"""What outlives the agent's process: original settings of the devices, and the grant that was obeyed last."""
