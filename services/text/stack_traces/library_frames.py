"""Which frames of a stack trace are of a library or the system, and not of the application."""

from __future__ import annotations

import re

# Packages whose frames say how the application was called, and not what it did.
_PACKAGES = (
    # Java, Kotlin, Scala, Android
    "java", "javax", "jakarta", "jdk", "sun", "com.sun", "kotlin", "kotlinx", "scala", "groovy",
    "clojure", "org.springframework", "org.apache", "org.hibernate", "org.eclipse", "org.junit",
    "org.postgresql", "org.mariadb", "org.h2", "org.mongodb", "com.mongodb", "com.microsoft",
    "ch.qos", "org.mockito", "org.flywaydb", "org.jooq", "org.mybatis", "org.quartz",
    "org.thymeleaf", "org.elasticsearch", "net.bytebuddy", "io.lettuce", "redis.clients",
    "com.rabbitmq", "com.amazonaws", "software.amazon", "io.micrometer", "io.vertx", "io.ktor",
    "io.opentelemetry", "com.github.benmanes", "weblogic", "com.ibm", "org.jboss", "org.glassfish",
    "org.codehaus", "org.slf4j", "org.aspectj", "io.netty", "io.grpc", "io.micronaut",
    "io.quarkus", "io.reactivex", "io.undertow", "reactor", "com.fasterxml", "com.google",
    "com.zaxxer", "com.mysql", "com.android", "android", "androidx", "dalvik", "okhttp3",
    "retrofit2", "oracle.jdbc", "feign", "akka", "play.api", "cats.effect",
    # C#
    "System", "Microsoft", "Newtonsoft", "Npgsql", "MySql", "MySqlConnector", "Dapper", "Autofac",
    "Castle", "UnityEngine", "UnityEditor", "Unity", "TMPro", "NHibernate", "Serilog", "Polly",
    "MediatR", "StackExchange", "Xunit", "NUnit", "lambda_method",
    # PHP
    "Illuminate", "Symfony", "Doctrine", "GuzzleHttp", "Psr", "Laravel", "Monolog", "PHPUnit",
    "Twig", "Yiisoft", "yii", "PDO", "PDOStatement", "Zend", "Laminas", "Closure",
    "ReflectionMethod", "call_user_func", "call_user_func_array", "array_map",
    # Go
    "runtime", "net/http", "net", "reflect", "testing", "sync", "os", "syscall", "encoding/json",
    "database/sql", "internal", "panic",
    # Rust
    "std", "core", "alloc", "tokio", "futures", "futures_util", "hyper", "actix_web", "axum",
    "rust_begin_unwind", "rust_panic", "backtrace",
)  # fmt: skip
_PACKAGE = re.compile(
    r"^<?(?:"
    + "|".join(map(re.escape, sorted(_PACKAGES, key=len, reverse=True)))
    + r")(?=[./:(\\-]|$)"
)

# Folders of what is installed beside the application, and files that an interpreter makes up.
_FOLDER = re.compile(
    r"site-packages|dist-packages|/lib/python\d|\\lib\\(?!.*site)[\w\\]+\.py$|node_modules|/gems/"
    r"|/ruby/\d|vendor/|/pkg/mod/|/go/src/|/usr/local/go/|/rustc/|\.cargo/|/usr/(?:lib|include)/"
    r"|^(?:node:|internal/|webpack/bootstrap|native\b|<)|resource://gre/|chrome-extension:"
    r"|(?<![\w-])(?:react-dom|zone|jquery|polyfills|vendors?|chunk-vendors|rxjs|angular"
    r"|vue\.runtime)\b[\w.-]*\.(?:m?js|cjs)|dart:|package:flutter/|/Contents/Frameworks/",
    re.IGNORECASE,
)

# Modules of the system, and functions that are below each crash.
_MODULE = re.compile(
    r"^(?:ld-|libc\b|libc[.-]|libpthread|libm\b|libm[.-]|libstdc|libgcc|libglib|libgobject|libgio"
    r"|libgtk|libgdk|libX11|libQt|Qt\d|ntdll|kernel32|kernelbase|user32|win32u|gdi32|ucrtbase"
    r"|msvc|vcruntime|combase|ole32|rpcrt4|libsystem|libdispatch|libobjc|libc\+\+|dyld|CoreFoundation"
    r"|Foundation$|AppKit|UIKit|HIToolbox|CFNetwork|QuartzCore|GraphicsServices|linux-gate)",
    re.IGNORECASE,
)
_FUNCTION = re.compile(
    r"^(?:_*(?:GI_)?(?:raise|abort|assert\w*|libc_\w+|start|clone\d*|start_thread|exit)"
    r"|_*pthread_\w+|_start|main|std::.*|__.*|\?\?|operator new.*|malloc\w*|free|Rtl\w+|Nt\w+"
    r"|BaseThreadInitThunk|KiUserExceptionDispatcher|RaiseException|objc_\w+|RaiseFailFast\w*)$"
)


def is_of_package(name: str) -> bool:
    """Say whether a qualified name is of a library's package."""
    return _PACKAGE.match(name) is not None


def is_in_folder(file: str) -> bool:
    """Say whether a file is one of those that are installed beside the application."""
    return _FOLDER.search(file) is not None


def is_of_system(module: str, function: str) -> bool:
    """Say whether a native frame is the system's, or below each crash."""
    return _MODULE.match(module) is not None or _FUNCTION.match(function) is not None
