# What `make install` puts where: the program and its model, both libraries, headers, man page, and what finds them again (pkg-config,
# CMake).
include(CMakePackageConfigHelpers)

install(TARGETS bombus bombus_shared bombus_static EXPORT bombus_targets
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/bombus DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES docs/man/bombus.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(DIRECTORY models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/bombus/models)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The prefix is told from where bombus.pc lies, so that an installed tree can be moved.
file(RELATIVE_PATH BOMBUS_UP /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/bombus.pc.in bombus.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/bombus.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(BOMBUS_CMAKE ${CMAKE_INSTALL_LIBDIR}/cmake/bombus)
install(EXPORT bombus_targets NAMESPACE bombus:: DESTINATION ${BOMBUS_CMAKE})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/bombusConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/bombusConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/bombusConfigVersion.cmake DESTINATION ${BOMBUS_CMAKE})
