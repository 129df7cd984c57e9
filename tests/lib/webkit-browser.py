#!/usr/bin/python3
"""A browser of WebKitGTK for WebDriver, with a profile that stays: MiniBrowser forgets everything when it is driven.

usage: webkit-browser.py --profile FOLDER [--feature NAME]...
"""
import argparse
import os
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402

SIZE = (1200, 900)


def settings(features):
    """Errors of the console on standard output, videos without a gesture, and features that are off by default."""
    result = WebKit2.Settings(
        enable_write_console_messages_to_stdout=True,
        enable_webgl=True,
        media_playback_requires_user_gesture=False,
        hardware_acceleration_policy=WebKit2.HardwareAccelerationPolicy.NEVER,
    )
    known = WebKit2.Settings.get_all_features()
    by_name = {known.get(i).get_identifier(): known.get(i) for i in range(known.get_length())}
    for name in features:
        if name in by_name:
            result.set_feature_enabled(by_name[name], True)
        else:
            print(f"this WebKit has no feature {name}", file=sys.stderr)
    return result


def open_view(context, features):
    view = WebKit2.WebView(
        web_context=context, settings=settings(features), is_controlled_by_automation=True
    )
    window = Gtk.Window(default_width=SIZE[0], default_height=SIZE[1])
    window.add(view)
    window.show_all()
    view.connect("close", lambda _: window.destroy())
    return view


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--profile", required=True)
    parser.add_argument("--feature", action="append", default=[])
    options = parser.parse_args()
    manager = WebKit2.WebsiteDataManager(
        base_data_directory=os.path.join(options.profile, "data"),
        base_cache_directory=os.path.join(options.profile, "cache"),
    )
    context = WebKit2.WebContext.new_with_website_data_manager(manager)
    context.set_automation_allowed(True)

    def started(_, session):
        info = WebKit2.ApplicationInfo()
        info.set_name("webkit-browser")
        version = [getattr(WebKit2, f"get_{part}_version")() for part in ("major", "minor", "micro")]
        info.set_version(*version)
        session.set_application_info(info)
        session.connect("create-web-view", lambda *_: open_view(context, options.feature))

    context.connect("automation-started", started)
    open_view(context, options.feature)
    Gtk.main()


main()
