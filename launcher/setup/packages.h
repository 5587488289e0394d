/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packages.h - the command that installs something here, for a sentence */
#ifndef VFIO_RUN_SETUP_PACKAGES_H
#define VFIO_RUN_SETUP_PACKAGES_H

#define SETUP_INSTALL_MAX 192
#define SETUP_HERE (-1) /* as @root: this machine */

const char *setup_install(int root, const char *name, char buf[SETUP_INSTALL_MAX]);
const char *setup_install_part(int root, const char *debian, char buf[SETUP_INSTALL_MAX]);

#endif /* VFIO_RUN_SETUP_PACKAGES_H */
