/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_IAM_H
#define TESTS_FAKE_IAM_H

#include "tests/fake_roles.h"

/* The server, and the calls that are about policies. */
static int fake_put(struct fake_iam *fake, struct fake_role *role, const char *body,
		    char *out, size_t size)
{
	static _Thread_local char document[FAKE_BODY];

	fake->puts++;
	fake_form_value(body, "PolicyDocument", document, sizeof(document));
	if ((int)strlen(document) + fake->others > 10240)
		return fake_refuse(out, size, 409, "LimitExceeded");
	memcpy(role->document, document, strlen(document) + 1);
	return 200;
}

static int fake_get(struct fake_iam *fake, struct fake_role *role, const char *body,
		    char *out, size_t size)
{
	char policy[128];

	fake->gets++;
	fake_form_value(body, "PolicyName", policy, sizeof(policy));
	if (strcmp(policy, "access") == 0)
		snprintf(out, size,
			 "<r><GetRolePolicyResult><PolicyDocument>%0*d</PolicyDocument>"
			 "</GetRolePolicyResult></r>",
			 fake->others, 0);
	else if (!role->document[0])
		return fake_refuse(out, size, 404, "NoSuchEntity");
	else
		snprintf(out, size,
			 "<r><GetRolePolicyResult><PolicyDocument>%s</PolicyDocument>"
			 "</GetRolePolicyResult></r>",
			 role->document);
	return 200;
}

/* Does a call; the status, and the answer in out. */
static int fake_do(struct fake_iam *fake, const char *action, struct fake_role *role,
		   const char *body, char *out, size_t size)
{
	int status = fake_roles_do(fake, action, role, body, out, size);

	if (status)
		return status;
	snprintf(out, size, "<r/>");
	if (strcmp(action, "PutRolePolicy") == 0)
		return fake_put(fake, role, body, out, size);
	if (strcmp(action, "GetRolePolicy") == 0)
		return fake_get(fake, role, body, out, size);
	if (strcmp(action, "DeleteRolePolicy") == 0) {
		bool was_there = role->document[0];

		fake->deletes++;
		role->document[0] = '\0';
		return was_there ? 200 : fake_refuse(out, size, 404, "NoSuchEntity");
	}
	if (strcmp(action, "GetRole") == 0) {
		fake->get_roles++;
		snprintf(out, size,
			 "<r><GetRoleResult><Role><Arn>arn:x</Arn><MaxSessionDuration>%d"
			 "</MaxSessionDuration></Role></GetRoleResult></r>",
			 fake->longest_seconds);
	} else if (strcmp(action, "ListRolePolicies") == 0) {
		fake->lists++;
		snprintf(out, size,
			 "<r><ListRolePoliciesResult><PolicyNames><member>access</member>"
			 "<member>jit-broker-ends</member></PolicyNames>"
			 "<IsTruncated>false</IsTruncated></ListRolePoliciesResult></r>");
	} else if (strcmp(action, "GetCallerIdentity") == 0) {
		fake->identities++;
		snprintf(out, size,
			 "<r><GetCallerIdentityResult><Account>%s</Account>"
			 "</GetCallerIdentityResult></r>",
			 fake->account);
	} else if (strcmp(action, "AssumeRole") == 0) {
		fake->assumes++;
		fake_form_value(body, "RoleArn", fake->assumed, sizeof(fake->assumed));
		snprintf(
		    out, size,
		    "<r><AssumeRoleResult><Credentials><AccessKeyId>ASIAMANAGER000000"
		    "</AccessKeyId><SecretAccessKey>managermanagermanager"
		    "</SecretAccessKey><SessionToken>token</SessionToken><Expiration>"
		    "2099-01-01T00:00:00Z</Expiration></Credentials>"
		    "</AssumeRoleResult></r>");
	} else {
		return fake_refuse(out, size, 400, "InvalidAction");
	}
	return 200;
}

static bool fake_is_in_trouble(struct fake_iam *fake, enum fake_trouble trouble)
{
	return fake->trouble == trouble && fake->trouble_count != 0;
}

static int fake_kill(struct fake_iam *fake)
{
	kill(*fake->kill_pid, SIGKILL);
	return 0;
}

static int fake_answer(struct fake_iam *fake, const char *request, const char *body,
		       char *out, size_t size)
{
	char action[64], name[64];
	struct fake_role *role;
	int status;

	fake_form_value(body, "Action", action, sizeof(action));
	fake_form_value(body, "RoleName", name, sizeof(name));
	pthread_mutex_lock(&fake->lock);
	fake->calls++;
	fake->is_asking |= strcmp(action, "AssumeRoleWithWebIdentity") == 0;
	pthread_cond_broadcast(&fake->has_changed);
	while (fake->slow && !fake->is_over &&
	       (strcmp(fake->slow, name) == 0 || strcmp(fake->slow, action) == 0))
		pthread_cond_wait(&fake->has_changed, &fake->lock);
	role = fake_role_of(fake, name[0] ? name : "-");
	if (fake->calls == fake->kill_at && !fake->kills_after)
		status = fake_kill(fake);
	else if (fake_is_in_trouble(fake, FAKE_DOWN))
		status = 0;
	else if (fake_is_in_trouble(fake, FAKE_THROTTLE))
		status = fake_refuse(out, size, 400, "Throttling");
	else if (fake_is_in_trouble(fake, FAKE_BROKEN))
		status = fake_refuse(out, size, 500, "InternalFailure");
	else if (fake_is_in_trouble(fake, FAKE_FORBID))
		status = fake_refuse_saying(out, size, 403, "AccessDenied",
					    fake->forbids_saying ? fake->forbids_saying
								 : "no");
	else if (strstr(request, "X-Amz-Target: DynamoDB_20120810.DescribeLimits"))
		status = fake_limits(fake, request, out, size);
	else
		status = fake_do(fake, action, role, body, out, size);
	if (fake_is_in_trouble(fake, FAKE_DEAF))
		status = 0;
	if (fake->calls == fake->kill_at && fake->kills_after)
		status = fake_kill(fake);
	if (fake->trouble_count > 0)
		fake->trouble_count--;
	pthread_cond_broadcast(&fake->has_changed);
	pthread_mutex_unlock(&fake->lock);
	return status;
}

/* Reads headers and as much body as they say; "&" before it, so that keys begin so. */
static bool fake_read(struct fake_iam *fake, int fd, char *request, size_t size,
		      char **body)
{
	size_t used = 0, wanted = size - 1;
	ssize_t got;

	while (used < wanted && (got = read(fd, request + used, size - 1 - used)) > 0) {
		const char *length;

		used += (size_t)got;
		request[used] = '\0';
		*body = strstr(request, "\r\n\r\n");
		length = strstr(request, "Content-Length: ");
		if (*body && length)
			wanted = (size_t)(*body + 4 - request) +
				 strtoul(length + 16, NULL, 10);
	}
	if (used < wanted)
		return false;
	if (strstr(request, "/iam/aws4_request")) {
		pthread_mutex_lock(&fake->lock);
		sscanf(strstr(request, "Credential="), "Credential=%127[^/]",
		       fake->key_id);
		pthread_mutex_unlock(&fake->lock);
	}
	*body += 3;
	**body = '&';
	return true;
}

struct fake_connection {
	struct fake_iam *fake;
	int fd;
	char request[FAKE_BODY];
	char answer[FAKE_BODY];
};

static void *fake_serve_one(void *data)
{
	struct fake_connection *connection = data;
	struct fake_iam *fake = connection->fake;
	char *body = NULL;

	if (fake_read(fake, connection->fd, connection->request,
		      sizeof(connection->request), &body)) {
		int status = fake_answer(fake, connection->request, body,
					 connection->answer, sizeof(connection->answer));

		if (status)
			dprintf(connection->fd,
				"HTTP/1.1 %d x\r\nContent-Length: %zu\r\n"
				"Connection: close\r\n\r\n%s",
				status, strlen(connection->answer), connection->answer);
	}
	close(connection->fd);
	free(connection);
	pthread_mutex_lock(&fake->lock);
	fake->connections--;
	pthread_cond_broadcast(&fake->has_changed);
	pthread_mutex_unlock(&fake->lock);
	return NULL;
}

static void *fake_serve(void *data)
{
	struct fake_iam *fake = data;
	int fd;

	while ((fd = accept(fake->fd, NULL, NULL)) >= 0) {
		struct fake_connection *connection = calloc(1, sizeof(*connection));
		pthread_t thread;

		if (!connection)
			abort();
		connection->fake = fake;
		connection->fd = fd;
		pthread_mutex_lock(&fake->lock);
		fake->connections++;
		pthread_mutex_unlock(&fake->lock);
		if (pthread_create(&thread, NULL, fake_serve_one, connection) != 0)
			abort();
		pthread_detach(thread);
	}
	return NULL;
}

static struct fake_iam *fake_iam_start(void)
{
	struct fake_iam *fake = calloc(1, sizeof(*fake));
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof(address);

	if (!fake)
		abort();
	pthread_mutex_init(&fake->lock, NULL);
	pthread_cond_init(&fake->has_changed, NULL);
	fake->account = "123456789012";
	fake->longest_seconds = 3600;
	fake->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(fake->fd, (struct sockaddr *)&address, length) < 0 ||
	    listen(fake->fd, 64) < 0 ||
	    getsockname(fake->fd, (struct sockaddr *)&address, &length) < 0 ||
	    pthread_create(&fake->thread, NULL, fake_serve, fake) != 0)
		abort();
	snprintf(fake->url, sizeof(fake->url), "http://127.0.0.1:%d",
		 ntohs(address.sin_port));
	return fake;
}

static void fake_iam_stop(struct fake_iam *fake)
{
	shutdown(fake->fd, SHUT_RDWR);
	pthread_join(fake->thread, NULL);
	close(fake->fd);
	pthread_mutex_lock(&fake->lock);
	fake->is_over = true;
	pthread_cond_broadcast(&fake->has_changed);
	while (fake->connections > 0)
		pthread_cond_wait(&fake->has_changed, &fake->lock);
	pthread_mutex_unlock(&fake->lock);
	free(fake);
}

static inline void fake_iam_trouble(struct fake_iam *fake, enum fake_trouble trouble,
				    int count)
{
	pthread_mutex_lock(&fake->lock);
	fake->trouble = trouble;
	fake->trouble_count = count;
	pthread_mutex_unlock(&fake->lock);
}

static inline void fake_iam_slow(struct fake_iam *fake, const char *role)
{
	pthread_mutex_lock(&fake->lock);
	fake->slow = role;
	pthread_cond_broadcast(&fake->has_changed);
	pthread_mutex_unlock(&fake->lock);
}

/* Whether the role's document now has that text. */
static inline bool fake_iam_says(struct fake_iam *fake, const char *role,
				 const char *text)
{
	bool says;

	pthread_mutex_lock(&fake->lock);
	says = strstr(fake_role_of(fake, role)->document, text) != NULL;
	pthread_mutex_unlock(&fake->lock);
	return says;
}

/* With the lock held: waits for a call's begin or end; false past the deadline. */
static inline bool fake_iam_wait(struct fake_iam *fake, const struct timespec *deadline)
{
	return pthread_cond_clockwait(&fake->has_changed, &fake->lock, CLOCK_MONOTONIC,
				      deadline) == 0;
}

static inline struct timespec fake_iam_deadline(void)
{
	struct timespec deadline;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += FAKE_PATIENCE;
	return deadline;
}

/* Waits until that many calls have begun. */
static inline bool fake_iam_await_calls(struct fake_iam *fake, int count)
{
	struct timespec deadline = fake_iam_deadline();
	bool came;

	pthread_mutex_lock(&fake->lock);
	while (!(came = fake->calls >= count) && fake_iam_wait(fake, &deadline))
		;
	pthread_mutex_unlock(&fake->lock);
	return came;
}

/* Waits until STS was asked for a session, whatever comes of it. */
static inline bool fake_iam_await_question(struct fake_iam *fake)
{
	struct timespec deadline = fake_iam_deadline();
	bool came;

	pthread_mutex_lock(&fake->lock);
	while (!(came = fake->is_asking) && fake_iam_wait(fake, &deadline))
		;
	pthread_mutex_unlock(&fake->lock);
	return came;
}

/* Waits until the role's document has that text. */
static inline bool fake_iam_await_text(struct fake_iam *fake, const char *role,
				       const char *text)
{
	struct timespec deadline = fake_iam_deadline();
	bool came;

	pthread_mutex_lock(&fake->lock);
	while (!(came = strstr(fake_role_of(fake, role)->document, text) != NULL) &&
	       fake_iam_wait(fake, &deadline))
		;
	pthread_mutex_unlock(&fake->lock);
	return came;
}

#endif
