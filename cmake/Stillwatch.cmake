# The vocabulary of our CMakeLists.txt files.

# ccache where it is installed: two presets, or a second checkout, then share what they can.
find_program(STILLWATCH_CCACHE ccache)
if(STILLWATCH_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${STILLWATCH_CCACHE})
endif()

# The flags of our own code.  A target and not global flags: generated and third-party sources
# keep their own.
add_library(stillwatch_flags INTERFACE)
target_compile_options(stillwatch_flags INTERFACE -Wall -Wextra -Wshadow -Wconversion
  $<$<BOOL:${STILLWATCH_WARNINGS_AS_ERRORS}>:-Werror>
  # gcc 12 reports std::string's own memcpy (gcc.gnu.org/PR105651), and with -O3 the value of every
  # tl::expected that may hold an error.  The sanitizers look for both at run time.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
if(STILLWATCH_SANITIZE)
  # Without -fno-sanitize-recover an undefined-behaviour report would print and pass.
  target_compile_options(stillwatch_flags INTERFACE
    -fsanitize=${STILLWATCH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(stillwatch_flags INTERFACE -fsanitize=${STILLWATCH_SANITIZE})
endif()

# Header-only libraries: Debian's packages, or the folder STILLWATCH_HEADER_ONLY_DIR on machines
# where nothing can be installed.
find_path(STILLWATCH_EXPECTED_INCLUDE tl/expected.hpp HINTS ${STILLWATCH_HEADER_ONLY_DIR} REQUIRED)
add_library(stillwatch_expected INTERFACE)
target_include_directories(stillwatch_expected SYSTEM INTERFACE ${STILLWATCH_EXPECTED_INCLUDE})
add_library(stillwatch::expected ALIAS stillwatch_expected)

find_path(STILLWATCH_JSON_INCLUDE nlohmann/json.hpp HINTS ${STILLWATCH_HEADER_ONLY_DIR} REQUIRED)
add_library(stillwatch_json INTERFACE)
target_include_directories(stillwatch_json SYSTEM INTERFACE ${STILLWATCH_JSON_INCLUDE})
add_library(stillwatch::json ALIAS stillwatch_json)

# stillwatch_library(NAME SOURCES a.cc ... DEPS stillwatch::core ... PRIVATE_DEPS opencv_core ...)
# One folder, one static library, linked as stillwatch::NAME.  DEPS show in the headers;
# PRIVATE_DEPS are what the .cc files alone see (third-party libraries, as a rule).
function(stillwatch_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS;PRIVATE_DEPS")
  if(arg_SOURCES)
    add_library(stillwatch_${name} STATIC ${arg_SOURCES})
    target_include_directories(stillwatch_${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(stillwatch_${name} PUBLIC ${arg_DEPS}
      PRIVATE ${arg_PRIVATE_DEPS} stillwatch_flags)
  else()
    add_library(stillwatch_${name} INTERFACE)
    target_include_directories(stillwatch_${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(stillwatch_${name} INTERFACE ${arg_DEPS})
  endif()
  add_library(stillwatch::${name} ALIAS stillwatch_${name})
endfunction()

# stillwatch_test(NAME LABEL unit SOURCES a_test.cc ... DEPS stillwatch::select ... [TIMEOUT 60])
# Tests see the material beside the checkout as the environment variable STILLWATCH_SHARED
# (default: ../shared of the source tree) and skip, saying so, where it is absent.
function(stillwatch_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "SOURCES;DEPS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} GTest::gtest_main stillwatch_flags)
  target_compile_definitions(${name} PRIVATE
    STILLWATCH_SOURCE_DIR="${PROJECT_SOURCE_DIR}" STILLWATCH_BINARY_DIR="${PROJECT_BINARY_DIR}")
  # G_SLICE: GLib 2.74 hands out buffers from its own slices, where the leak sanitizer is blind.
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${arg_LABEL}
    TIMEOUT ${arg_TIMEOUT} ENVIRONMENT G_SLICE=always-malloc)
endfunction()
