"""What has to be right in an account before a deployment, found out all at once by reading.

Nothing here changes anything but ``roles.make``, which a deployment calls.
"""
