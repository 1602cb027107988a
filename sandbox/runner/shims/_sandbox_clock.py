# mypy: ignore-errors
"""A wall clock that is wrong by a constant, as on a machine without time synchronization.

Everything that tells the time of day is ahead by the given seconds: ``time``, ``datetime`` and ``date``. What measures
how long something takes (``monotonic``, ``perf_counter``, ``sleep``) is left alone. Python 3.9 and 3.13.
"""

import datetime
import time

_REAL_DATE, _REAL_DATETIME = datetime.date, datetime.datetime


def skew(seconds):
    """Shift the clock of this process, once, before anything else is imported."""
    _shift_time(seconds)
    _shift_datetime(time.time)


def _shift_time(seconds):
    nanoseconds = round(seconds * 1e9)
    real_time, real_time_ns, real_clock, real_clock_ns = (
        time.time,
        time.time_ns,
        time.clock_gettime,
        time.clock_gettime_ns,
    )
    wall = (time.CLOCK_REALTIME,)
    time.time = lambda: real_time() + seconds
    time.time_ns = lambda: real_time_ns() + nanoseconds
    time.clock_gettime = lambda clock: real_clock(clock) + (seconds if clock in wall else 0)
    time.clock_gettime_ns = lambda clock: real_clock_ns(clock) + (nanoseconds if clock in wall else 0)
    # These ask the machine for the time when they are given none.
    for name in ("gmtime", "localtime", "ctime"):
        setattr(time, name, _at_now(getattr(time, name)))
    real_strftime, real_asctime = time.strftime, time.asctime
    time.strftime = lambda form, moment=None: real_strftime(form, time.localtime() if moment is None else moment)
    time.asctime = lambda moment=None: real_asctime(time.localtime() if moment is None else moment)


class _at_now:
    """No function: as an attribute of a class one would become a method (``logging.Formatter.converter``)."""

    def __init__(self, real):
        self.real = real

    def __call__(self, moment=None):
        return self.real(time.time() if moment is None else moment)


def _shift_datetime(now):
    """``datetime`` is written in C and cannot be patched: its classes give way to subclasses that pass for them."""

    class Date(_REAL_DATE, metaclass=_passing_for(_REAL_DATE)):
        @classmethod
        def today(cls):
            return cls.fromtimestamp(now())

    class DateTime(_REAL_DATETIME, metaclass=_passing_for(_REAL_DATETIME)):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(now(), tz)

        @classmethod
        def utcnow(cls):
            return cls.fromtimestamp(now(), datetime.timezone.utc).replace(tzinfo=None)

        @classmethod
        def today(cls):
            return cls.fromtimestamp(now())

        # The plain classes of C, as from the real one.
        def date(self):
            return Date(self.year, self.month, self.day)

    for name, made in (("date", Date), ("datetime", DateTime)):
        made.__name__ = made.__qualname__ = name
        made.__module__ = "datetime"
        setattr(datetime, name, made)


def _passing_for(real):
    """A metaclass for which every instance of the real class is one of the subclass, too."""

    class Passing(type(real)):
        def __instancecheck__(cls, instance):
            return isinstance(instance, real)

        def __subclasscheck__(cls, subclass):
            return issubclass(subclass, real)

    return Passing
