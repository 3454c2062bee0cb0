# CUDA where nvcc is: STILLWATCH_HAVE_CUDA.  Machine code for the H100 and H200, and PTX, which a newer
# driver compiles for newer GPUs.  The runtime is linked statically, so that programs start on machines
# without a driver; there cudaGetDeviceCount() fails, and that is how they know.
option(STILLWATCH_WITH_CUDA "Build the CUDA kernels where nvcc is found" ON)
set(STILLWATCH_HAVE_CUDA OFF)
if(STILLWATCH_WITH_CUDA)
  include(CheckLanguage)
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 90-real 90-virtual)
  endif()
  if(NOT DEFINED CMAKE_CUDA_RUNTIME_LIBRARY)
    set(CMAKE_CUDA_RUNTIME_LIBRARY Static)
  endif()
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    enable_language(CUDA)
    # C++20, from CMAKE_CXX_STANDARD; CMake 3.25 does not know nvcc 13's flag for it.
    if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
      set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
      set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
    endif()
    set(STILLWATCH_HAVE_CUDA ON)
    if(STILLWATCH_CCACHE)
      set(CMAKE_CUDA_COMPILER_LAUNCHER ${STILLWATCH_CCACHE})
    endif()
  endif()
endif()
# cuBLASLt's header alone (the library is loaded at run time): the toolkit's, or the one that pip's
# torch for CUDA brings along.
if(STILLWATCH_HAVE_CUDA)
  find_package(CUDAToolkit REQUIRED)
  file(GLOB _wheels ${STILLWATCH_LIBTORCH}/../nvidia/cu13
    ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/nvidia/cu13)
  find_path(STILLWATCH_CUBLASLT_INCLUDE cublasLt.h
    HINTS ${CUDAToolkit_INCLUDE_DIRS} ${_wheels} PATH_SUFFIXES include)
endif()
message(STATUS "CUDA kernels: ${STILLWATCH_HAVE_CUDA} ${CMAKE_CUDA_COMPILER_VERSION}, "
  "cuBLASLt: ${STILLWATCH_CUBLASLT_INCLUDE}")
