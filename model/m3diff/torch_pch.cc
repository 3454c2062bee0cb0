// Nothing: this file exists so that its precompiled header is built once (see CMakeLists.txt).
