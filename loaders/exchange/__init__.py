"""FollowTheMoney and STIX files as suggestions: a case folder that a person reads before anything of it counts."""
