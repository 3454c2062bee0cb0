# Finds LibTorch: CMAKE_PREFIX_PATH or STILLWATCH_LIBTORCH where given, else the project's virtual
# environment, which scripts/setup.sh fills with pip's torch.
file(GLOB _venv_torch ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
find_package(Torch CONFIG QUIET HINTS ${STILLWATCH_LIBTORCH} ${_venv_torch}
  PATH_SUFFIXES share/cmake/Torch)
if(NOT Torch_FOUND)
  message(FATAL_ERROR "LibTorch not found. Run scripts/setup.sh (it installs torch into .venv), "
    "or set STILLWATCH_LIBTORCH to a LibTorch folder, or build without captions: "
    "-DSTILLWATCH_WITH_TORCH=OFF")
endif()
message(STATUS "LibTorch ${Torch_VERSION}: ${TORCH_INSTALL_PREFIX}")
# Its headers are not clean under our warnings.
set_target_properties(torch PROPERTIES
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "$<TARGET_PROPERTY:torch,INTERFACE_INCLUDE_DIRECTORIES>")
