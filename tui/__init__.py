"""The dashboard and the command line: ``app`` and ``cli`` are where they begin.

``client`` owns the worker, and ``messages`` are what it tells. What there is to show knows no widgets: ``runs``, ``sweep``, ``form``,
``digits``, ``drawing``, and ``processes``, from which it comes. ``screens``, one a mode and the dialogues, show it in ``widgets``, and
``parts`` are those of the app that concern all screens. ``bindings`` is the table of actions and keys, ``modes`` that of the screens.
"""
