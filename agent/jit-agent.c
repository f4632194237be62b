/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/activation.h"
#include "agent/agent.h"
#include "agent/connection.h"
#include "agent/core-sandbox.h"
#include "agent/credentials.h"
#include "agent/enrolment-files.h"
#include "agent/lifecycle.h"
#include "agent/unlock.h"
#include "base/cleanup.h"
#include "base/descriptors.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "protocol/address.h"

/* What the agent itself needs besides its peers. */
#define DESCRIPTORS_OF_OURS 64
#define CONNECTIONS_MOST 16384

/* Peers wait that long in the backlog for a keyring that is slow at the start. */
#define START_PATIENCE_SEC 2.0

struct program {
	struct agent agent;
	struct launcher launcher;
	struct ev_signal term, interrupt;
	struct ev_io launcher_gone;
	struct ev_timer patience;
	int notify; /* systemd's; -1: none */
	bool is_accepting;
	int result;
};

/* Where the workers are: ../libexec of the directory that this program is in. */
static int find_libexec(char *out, size_t size, struct error *error)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	int written;

	if (length < 0)
		return error_set(error, ERROR_INTERNAL, "cannot read /proc/self/exe: %s",
				 strerror(errno));
	path[length] = '\0';
	written = snprintf(out, size, "%s/../libexec", dirname(path));
	if (written < 0 || (size_t)written >= size)
		return error_set(error, ERROR_INTERNAL, "the program's path is too long");
	return 0;
}

static void on_signal(struct ev_loop *loop, struct ev_signal *signal_watcher, int events)
{
	(void)signal_watcher;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

/* A new one could only be forked from a process that holds keys: leave instead. */
static void on_launcher_gone(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct program *program = io->data;

	(void)events;
	log_error("the launcher of workers is gone; leaving, to be started again");
	program->result = -ECHILD;
	ev_break(loop, EVBREAK_ALL);
}

static void on_alarm(void *data)
{
	lifecycle_sweep(data);
}

static void accept_peers(struct program *program)
{
	if (program->is_accepting)
		return;
	program->is_accepting = true;
	ev_timer_stop(program->agent.loop, &program->patience);
	listener_start(&program->agent);
	puts("ready");
	fflush(stdout);
	activation_notify(program->notify, "READY=1");
}

static void on_patience_over(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	accept_peers(timer->data);
}

static void on_unlocked_at_start(void *data, const struct error *error)
{
	struct program *program = data;
	char sentence[512];

	if (program->agent.workers.is_stopping)
		return;
	if (error->kind != ERROR_NONE)
		log_warning("locked: %s",
			    error_sentence(error, sentence, sizeof(sentence)));
	accept_peers(program);
}

/* A keystore that asks nobody anything is opened at once. */
static void unlock_or_wait(struct program *program)
{
	struct agent *agent = &program->agent;
	const struct keystore_traits *traits = keystore_traits_find(
	    agent->settings.keystore);
	struct error error = { ERROR_NONE };

	if (!agent->settings.user[0] || !traits || !traits->needs_worker ||
	    traits->needs_passphrase) {
		accept_peers(program);
		return;
	}
	ev_timer_init(&program->patience, on_patience_over, START_PATIENCE_SEC, 0);
	program->patience.data = program;
	ev_timer_start(agent->loop, &program->patience);
	if (unlock_start(agent, NULL, UNLOCK_AT_START_MSEC, on_unlocked_at_start, program,
			 &error) < 0)
		on_unlocked_at_start(program, &error);
}

static unsigned int raise_descriptor_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return 512;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (getrlimit(RLIMIT_NOFILE, &files) < 0 ||
	    files.rlim_cur < (rlim_t)2 * DESCRIPTORS_OF_OURS)
		return DESCRIPTORS_OF_OURS;
	if (files.rlim_cur > CONNECTIONS_MOST + DESCRIPTORS_OF_OURS)
		return CONNECTIONS_MOST;
	return (unsigned int)files.rlim_cur - DESCRIPTORS_OF_OURS;
}

static int find_paths(struct agent *agent, struct error *error)
{
	int r = address_of_config(&agent->config_path, error);

	if (r == 0)
		r = address_of_state(&agent->state_path, error);
	if (r == 0)
		r = address_of_runtime(&agent->runtime_path, error);
	return r;
}

static int read_files(struct agent *agent, struct error *error)
{
	int r = directory_make(agent->state_path, 0700);

	if (r < 0)
		return error_set(error, ERROR_INTERNAL, "cannot use %s: %s",
				 agent->state_path, strerror(-r));
	r = listener_lock(&agent->listener, agent->runtime_path, error);
	if (r == 0) {
		directory_clear(agent->state_path);
		directory_clear(agent->runtime_path);
		r = enrolment_files_recover(agent, error);
	}
	if (r == 0)
		r = settings_read(agent->config_path, &agent->settings, error);
	return r < 0 ? r : ended_load(&agent->ended, agent->state_path, error);
}

static int start_parts(struct program *program, struct error *error)
{
	struct agent *agent = &program->agent;

	agent->loop = ev_loop_new(EVFLAG_AUTO);
	if (!agent->loop || secret_init() < 0 || credentials_init(agent) < 0 ||
	    alarm_init(&agent->alarm, agent->loop, on_alarm, agent) < 0)
		return error_set(error, ERROR_INTERNAL,
				 "cannot make the event loop or lock memory");
	workers_init(&agent->workers, agent->loop,
		     worker_source_launcher(&program->launcher));
	sessions_init(&agent->sessions);
	watch_init(&agent->watch);
	sync_init(agent);
	connections_init(agent, raise_descriptor_limit());
	return 0;
}

static void watch_for_the_end(struct program *program)
{
	struct ev_loop *loop = program->agent.loop;

	ev_signal_init(&program->term, on_signal, SIGTERM);
	ev_signal_start(loop, &program->term);
	ev_signal_init(&program->interrupt, on_signal, SIGINT);
	ev_signal_start(loop, &program->interrupt);
	ev_io_init(&program->launcher_gone, on_launcher_gone, program->launcher.fd,
		   EV_READ);
	program->launcher_gone.data = program;
	ev_io_start(loop, &program->launcher_gone);
}

/* Memory is wiped; sealed files stay for the next start, if a key can open them. */
static void stop_parts(struct program *program)
{
	struct agent *agent = &program->agent;
	const struct keystore_traits *traits = keystore_traits_find(
	    agent->settings.keystore);

	activation_notify(program->notify, "STOPPING=1");
	workers_stop(&agent->workers); /* whoever waits for one is told */
	sync_stop(agent);
	connections_done(agent);
	if (traits && !traits->survives)
		lifecycle_forget_all(agent);
	lifecycle_done(agent);
	keys_done(&agent->keys);
	credentials_done(agent);
	ended_done(&agent->ended);
	alarm_done(&agent->alarm);
	listener_done(agent);
	closep(&program->notify);
	ev_loop_destroy(agent->loop);
	free(agent->config_path);
	free(agent->state_path);
	free(agent->runtime_path);
}

static int run(struct program *program, struct error *error)
{
	char libexec[PATH_MAX];
	int r = find_libexec(libexec, sizeof(libexec), error);

	if (r == 0)
		r = launcher_fork(libexec, &program->launcher, error);
	if (r < 0)
		return r;
	json_init_wiping();
	if (secret_harden_process() < 0)
		return error_set(error, ERROR_INTERNAL, "cannot forbid core dumps");
	r = find_paths(&program->agent, error);
	if (r == 0)
		r = read_files(&program->agent, error);
	if (r == 0)
		r = start_parts(program, error);
	if (r == 0)
		r = listener_open(&program->agent.listener, error);
	if (r < 0)
		return r;
	watch_for_the_end(program);
	program->notify = activation_notify_open();
	r = core_sandbox_enter(&program->agent, error);
	if (r < 0)
		return r;
	lifecycle_load(&program->agent);
	unlock_or_wait(program);
	ev_run(program->agent.loop, 0);
	stop_parts(program);
	return program->result < 0
		   ? error_set(error, ERROR_INTERNAL, "the launcher was killed")
		   : 0;
}

static void print_help(void)
{
	puts("Usage: jit-agent [--help] [--version]\n"
	     "\n"
	     "Keeps and serves short-lived AWS credentials for one user, in the\n"
	     "foreground; says \"ready\" when it can be used.  See jit-agent(8).\n"
	     "\n"
	     "  --help     this\n"
	     "  --version  the version\n"
	     "\n"
	     "Socket: $JIT_AGENT_SOCKET, else $XDG_RUNTIME_DIR/jit-agent/agent.sock");
}

/* Returns 1 to go on, 0 when all is said, or -EINVAL. */
static int read_arguments(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' },
						 { "version", no_argument, NULL, 'V' },
						 { NULL, 0, NULL, 0 } };
	int option = getopt_long(argc, argv, "hV", options, NULL);

	if (option == 'h')
		print_help();
	else if (option == 'V')
		puts("jit-agent " JIT_VERSION);
	else if (option == -1 && optind == argc)
		return 1;
	else if (option == -1)
		fprintf(stderr,
			"jit-agent: takes no arguments; try 'jit-agent --help'\n");
	return option == 'h' || option == 'V' ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
	static struct program program = {
		.agent = { .clock = &clock_system, .listener = { .lock = -1 } },
		.launcher = { .fd = -1 },
		.notify = -1,
	};
	struct error error = { ERROR_NONE };
	int r;

	descriptors_hold_standard();
	r = read_arguments(argc, argv);
	if (r <= 0)
		return r < 0 ? error_exit_status(ERROR_USAGE) : 0;
	log_open("jit-agent");
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	if (run(&program, &error) < 0) {
		char sentence[512];

		log_error("%s", error_sentence(&error, sentence, sizeof(sentence)));
		return error_exit_status(error.kind);
	}
	return 0;
}
