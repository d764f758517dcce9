"""Stands before the program's first line; copied into a folder of its own, which stands first in PYTHONPATH.

Python imports it as `sitecustomize`: https://docs.python.org/3/library/site.html. It takes itself out again, gives
the program the `sitecustomize` it would have had, and starts the probe. It has to be readable for every Python that
may come by, 2.7 and newer, to say at least that it is too old: so types stand in comments.
"""

import os
import sys

_VARIABLE = "MEMDB_TUI_RUN"
_NAME = "_memdb_tui_probe"
_OLDEST = (3, 11)
_NO_FOLDER = "<memdb-tui>/"


def _options():
    # type: () -> dict[str, Any] | None
    """What `run` has laid down; None where it is not for us."""
    import _json

    class Reading:
        encoding = None
        strict = True
        object_hook = object_pairs_hook = parse_constant = None
        parse_float = float
        parse_int = int

    text = os.environ.get(_VARIABLE)
    found = _json.make_scanner(Reading)(text, 0)[0] if text else None
    return found if isinstance(found, dict) else None


def _step_aside(options):
    # type: (dict[str, Any] | None) -> None
    """Take the folder off the path and this module out of the modules, so that nothing of ours can be imported."""
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if path != folder]
    sys.path_importer_cache.pop(folder, None)
    if sys.modules.get("sitecustomize") is sys.modules.get(__name__):
        sys.modules.pop("sitecustomize", None)
    if options is not None and not options.get("follow"):
        os.environ.pop(_VARIABLE, None)
        paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        paths = [path for path in paths if path != folder]
        if paths and paths != [""]:
            os.environ["PYTHONPATH"] = os.pathsep.join(paths)
        else:
            os.environ.pop("PYTHONPATH", None)


def _why_not():
    # type: () -> str
    """Why the probe cannot stand here, a whole sentence; empty where it can."""
    version = "%d.%d" % sys.version_info[:2]
    if sys.version_info < _OLDEST:
        return "Python %s is too old: 3.11 or later is needed." % version
    if sys.implementation.name != "cpython":
        return "%s is not supported: only CPython is." % sys.implementation.name
    # Whether its GIL is on at the moment or not: its objects are laid out in another way.
    if "t" in getattr(sys, "abiflags", ""):
        return "Free-threaded Python is not supported: the usual build is needed."
    if not _is_main_interpreter():
        return "Subinterpreters are not supported: only the main interpreter is followed."
    return ""


def _is_main_interpreter():
    # type: () -> bool
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            module = __import__(name)
        except ImportError:
            continue
        current, main = module.get_current(), module.get_main()
        # 3.13 and later: with who owns it.
        return current == main
    return True


def _start(options):
    # type: (dict[str, Any]) -> None
    """Load the probe from its folder, under a name that is on no path, and start it."""
    import _frozen_importlib
    import _frozen_importlib_external
    import _imp

    class Loader(_frozen_importlib_external.SourceFileLoader):
        def get_code(self, fullname):
            code = super().get_code(fullname)
            # Coverage and the like leave out what has no file's name: it would count as the program's own.
            _imp._fix_co_filename(code, _NO_FOLDER + os.path.basename(self.path))
            return code

    # It stays, for what is imported later.
    _imp._fix_co_filename(Loader.get_code.__code__, _NO_FOLDER + os.path.basename(__file__))
    folder = options["probe"]
    place = os.path.join(folder, "__init__.py")
    sys.path_importer_cache[folder] = _frozen_importlib_external.FileFinder(folder, (Loader, [".py"]))
    spec = _frozen_importlib_external.spec_from_file_location(
        _NAME, place, loader=Loader(_NAME, place), submodule_search_locations=[folder]
    )
    _frozen_importlib._load(spec)
    before = set(sys.modules)
    __import__(_NAME + ".start")
    # A file of the program may have the name of one of these: then it is what the program imports, as without us.
    for name in set(sys.modules) - before:
        if not name.startswith("_") and name not in sys.builtin_module_names:
            del sys.modules[name]
    sys.modules[_NAME + ".start"].start_followed(options)


def _say(options, sentence):
    # type: (dict[str, Any], str) -> None
    """Tell the hub why this process is not followed."""
    import _socket

    sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.connect(options["socket"])
        text = '{"jsonrpc":"2.0","method":"here","params":{"version":1,"token":"%s","pid":%d,"unsupported":"%s"}}\n'
        sock.send((text % (options["token"], os.getpid(), sentence)).encode("ascii"))
    finally:
        sock.close()


def _leave_no_measure():
    # type: () -> None
    """Let coverage forget this file, which it may have measured from the first line on: it will be gone."""
    coverage = sys.modules.get("coverage")
    measuring = coverage and coverage.Coverage.current()
    if measuring:
        own = os.path.realpath(__file__)
        measured = measuring._collector.data
        for path in [path for path in measured if os.path.realpath(path) == own]:
            del measured[path]


def _begin():
    # type: () -> None
    # Python 2 empties a module that nobody holds any more, though its functions still run.
    this = sys.modules.get(__name__)  # noqa: F841
    # Whatever is wrong here, the program must start as it would without us.
    try:
        options = _options()
    except Exception:
        options = None
    try:
        _step_aside(options)
    except Exception:
        return
    if options is None:
        return
    try:
        reason = _why_not()
    except Exception as error:
        reason = "It could not be found out whether this Python is supported: %s." % type(error).__name__
    try:
        if reason:
            _say(options, reason)
        else:
            _start(options)
    except Exception as error:
        try:
            _say(options, "The probe could not start: %s." % type(error).__name__)
        except Exception:
            # There is nobody to tell: the hub is gone.
            pass
    try:
        _leave_no_measure()
    except Exception:
        # It is another coverage: then it is measured.
        pass


_begin()
# The program's own, found where Python would have found it. What it raises, `site` reports as it always does; and
# where there is none, the ImportError that says so is what `site` expects.
import sitecustomize  # noqa: E402, F401
