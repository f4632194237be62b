client/command-configure: client/command-configure.c base/cleanup.h \
 base/text.h client/aws-config.h base/buffer.h base/error.h \
 client/aws-file.h client/call.h protocol/frame.h client/commands.h \
 base/command.h base/options.h client/output.h base/output.h \
 protocol/address.h
base/cleanup.h:
base/text.h:
client/aws-config.h:
base/buffer.h:
base/error.h:
client/aws-file.h:
client/call.h:
protocol/frame.h:
client/commands.h:
base/command.h:
base/options.h:
client/output.h:
base/output.h:
protocol/address.h:
