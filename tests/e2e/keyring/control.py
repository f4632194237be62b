#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a desktop does to its keyring.  usage: control.py lock | unlock PASSWORD"""
import sys

import dbus

OBJECT = "/org/freedesktop/secrets"
LOGIN = OBJECT + "/collection/login"


def interface(name):
    return dbus.Interface(
        dbus.SessionBus().get_object("org.freedesktop.secrets", OBJECT), name)


def lock():
    done, prompt = interface("org.freedesktop.Secret.Service").Lock([LOGIN])
    assert list(done) == [LOGIN] and prompt == "/"


def unlock(password):
    _, session = interface("org.freedesktop.Secret.Service").OpenSession("plain", "")
    secret = dbus.Struct((session, dbus.ByteArray(b""), dbus.ByteArray(password.encode()),
                          "text/plain"), signature="oayays")
    interface("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface") \
        .UnlockWithMasterPassword(dbus.ObjectPath(LOGIN), secret)


{"lock": lock, "unlock": unlock}[sys.argv[1]](*sys.argv[2:])
