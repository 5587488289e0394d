/* SPDX-License-Identifier: GPL-2.0-or-later */
/* commands.h - one function a command: takes the command line, gives the exit code */
#ifndef VFIO_RUN_COMMANDS_H
#define VFIO_RUN_COMMANDS_H

struct cli;

int command_run(const struct cli *cli);
int command_try(const struct cli *cli);
int command_detach(const struct cli *cli);
int command_attach(const struct cli *cli);
int command_recover(const struct cli *cli);
int command_list(const struct cli *cli);
int command_new(const struct cli *cli);
int command_check(const struct cli *cli);
int command_status(const struct cli *cli);
int command_rom(const struct cli *cli);
int command_stop(const struct cli *cli);
int command_reset(const struct cli *cli);
int command_pause(const struct cli *cli);
int command_resume(const struct cli *cli);
int command_import(const struct cli *cli);
int command_aliases(const struct cli *cli);
int command_log(const struct cli *cli);
int command_start(const struct cli *cli);
int command_report(const struct cli *cli);
int command_edit(const struct cli *cli);
int command_setup(const struct cli *cli);

#endif /* VFIO_RUN_COMMANDS_H */
