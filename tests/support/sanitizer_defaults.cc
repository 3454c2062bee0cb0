// Sanitizer options of the tests that use GStreamer.  In the binary and not in the environment:
// a test started by hand then behaves as under ctest.

// GLib is built without frame pointers; leak reports would stop at g_malloc.
extern "C" const char* __asan_default_options() { return "fast_unwind_on_malloc=0"; }

// GLib's library constructor moves the only pointer to its quark table, so that one block looks
// lost before main() begins.  Matched by the loader's frame: libglib would hide every g_malloc.
extern "C" const char* __lsan_default_suppressions() { return "leak:ld-linux"; }
extern "C" const char* __lsan_default_options() { return "print_suppressions=0"; }
