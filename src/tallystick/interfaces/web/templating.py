"""Render pages quicker than Django's own nodes do, with the same outcome: what stays the same is worked out once, what varies is looked up directly.

Settings name `Loader`. Its templates are Django's, compiled by a parser that puts quicker nodes in the place of five of Django's: a sentence, an
address or an icon without variables is said once for each language; a variable is looked up without an error raised and caught for every attribute.
Whatever these do not know is left to Django. With template debugging on, everything is. Nothing is kept that came from a request.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.forms.boundfield import BoundField
from django.template import Context, Engine, Origin, TemplateDoesNotExist, base, defaulttags, library, loader_tags
from django.template.loaders import cached
from django.templatetags import i18n, static
from django.urls import reverse
from django.utils import safestring, translation
from django.utils.html import escape
from django.utils.timezone import template_localtime  # type: ignore[attr-defined]  # the stubs do not know it

_MISSING = object()
_KEPT = 4096
_UNKNOWN_HERE = (AttributeError, TypeError, KeyError, ValueError, IndexError, ObjectDoesNotExist)


def settles[Tag: Callable[..., Any]](tag: Tag) -> Tag:
    """Say that a tag gives the same for the same arguments in one language, so that it is asked once where these are constant."""
    tag.settles = True  # type: ignore[attr-defined]
    return tag


class Path(base.Variable):
    """A variable such as row.invoice.number, looked up along attributes and dictionaries first."""

    __slots__ = ()

    def found(self, within: Context) -> Any:  # noqa: ANN401 - whatever the page put there
        """Give the value; _MISSING where there is none."""
        first, *rest = self.lookups or ()
        for layer in reversed(within.dicts):
            if first in layer:
                current = layer[first]
                break
        else:
            return self._searched(within) if hasattr(within, first) else _MISSING
        try:
            if callable(current):
                current = _called(current)
            for name in rest:
                kind = type(current)
                # a bound field has a __getitem__, but only for its numbered parts
                current = getattr(current, name) if kind is BoundField or not hasattr(kind, "__getitem__") else current[name]
                if callable(current):
                    current = _called(current)
        except _UNKNOWN_HERE:
            return self._searched(within)  # Django knows every other way, and how to fail
        return current

    def resolve(self, context: Context) -> Any:  # type: ignore[override]  # noqa: ANN401 - only ever asked with a context
        """Give the value. Raises VariableDoesNotExist."""
        value = self.found(context)
        return super().resolve(context) if value is _MISSING else value

    def _searched(self, within: Context) -> Any:  # noqa: ANN401 - whatever the page put there
        try:
            return super().resolve(within)
        except base.VariableDoesNotExist:
            return _MISSING


def _called(current: Any) -> Any:  # noqa: ANN401 - whatever the page put there
    if getattr(current, "do_not_call_in_templates", False):
        return current
    if getattr(current, "alters_data", False):
        raise TypeError
    return current()


def _engine(context: Context) -> Engine:
    assert context.template is not None, "a page is being rendered"
    return context.template.engine


def _laid_out(variable: base.Variable) -> base.Variable:
    return Path(variable.var) if variable.lookups is not None else variable


class Expression(base.FilterExpression):
    """A variable with its filters, whose properties are asked at compiling and not at every use."""

    __slots__ = ("steps",)

    def __init__(self, token: str, parser: base.Parser) -> None:
        """Compile as Django does, then lay the filters out."""
        super().__init__(token, parser)
        if self.is_var:
            self.var = _laid_out(self.var)
        self.steps = [
            (
                function,
                [(varies, _laid_out(value) if varies else safestring.mark_safe(value)) for varies, value in given],  # noqa: S308 - as Django does
                getattr(function, "expects_localtime", False),
                getattr(function, "needs_autoescape", False),
                getattr(function, "is_safe", False),
            )
            for function, given in self.filters
        ]

    def resolve(self, context: Context, ignore_failures: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - Django's own signature
        """Give the value after all filters."""
        if type(self.var) is Path:
            value = self.var.found(context)
            if value is _MISSING:
                invalid = _engine(context).string_if_invalid
                if invalid and not ignore_failures:
                    return super().resolve(context)
                value = None if ignore_failures else invalid
        elif self.is_var:
            return super().resolve(context, ignore_failures)
        else:
            value = self.var
        for function, given, is_local, escapes, keeps_safe in self.steps:
            arguments = [one.resolve(context) if varies else one for varies, one in given]
            before = template_localtime(value, context.use_tz) if is_local else value
            value = function(before, *arguments, autoescape=context.autoescape) if escapes else function(before, *arguments)
            if keeps_safe and isinstance(before, safestring.SafeData):
                value = safestring.mark_safe(value)  # noqa: S308 - as Django does
        return value


class Shown(base.VariableNode):
    """A value on the page; texts need neither a zone nor a form of numbers."""

    def render_annotated(self, context: Context) -> str:
        """Write the value, escaped."""
        value = self.filter_expression.resolve(context)
        if type(value) is safestring.SafeString:
            return value
        if type(value) is str:
            return escape(value) if context.autoescape else value
        return str(base.render_value_in_context(value, context))


class Settled(base.Node):
    """What is the same on every page in one language."""

    child_nodelists = ()

    def __init__(self, node: base.Node) -> None:
        """Stand for this node."""
        self.node = node
        self.said: dict[str | None, str] = {}

    def render_annotated(self, context: Context) -> str:
        """Say it as it was said first in this language."""
        if not context.autoescape:
            return str(self.node.render_annotated(context))
        spoken = translation.get_language()
        said = self.said.get(spoken)
        if said is None:
            said = self.said[spoken] = str(self.node.render_annotated(context))
        return said

    render = render_annotated


class Told(i18n.BlockTranslateNode):
    """A sentence with values in it, whose text to be translated is put together once."""

    def __init__(self, **parts: Any) -> None:
        """Take the parts of Django's node."""
        super().__init__(**parts)
        self.laid_out: dict[int, tuple[str, list[str]]] = {}

    def render_token_list(self, tokens: list[base.Token]) -> tuple[str, list[str]]:
        """Give the text to be translated, and the names in it."""
        found = self.laid_out.get(id(tokens))
        if found is None:
            found = self.laid_out[id(tokens)] = super().render_token_list(tokens)
        return found[0], [*found[1]]


class Address(defaulttags.URLNode):
    """The address of a page with at most one id in it."""

    def render(self, context: Context) -> str:
        """Give the address."""
        found = _address(self.view_name.var, *(argument.resolve(context) for argument in self.args))
        return escape(found) if context.autoescape else found


@lru_cache(maxsize=_KEPT, typed=True)
def _address(route: str, *ids: object) -> str:
    return reverse(route, args=ids)


class Part(loader_tags.IncludeNode):
    """A part of a page that is always the same template, found once."""

    found: base.Template | None = None

    def render(self, context: Context) -> safestring.SafeString:
        """Render the part with its values."""
        if self.found is None:
            self.found = _engine(context).get_template(self.template.var)
        with context.push(**{name: value.resolve(context) for name, value in self.extra_context.items()}):
            return self.found.render(context)


def _is_constant(expression: base.FilterExpression) -> bool:
    return not expression.filters and (not expression.is_var or (expression.var.lookups is None))


def _is_settled(node: base.Node) -> bool:
    """Tell whether a node gives the same in every context."""
    match node:
        case i18n.TranslateNode():
            return (
                node.asvar is None and _is_constant(node.filter_expression) and (node.message_context is None or _is_constant(node.message_context))
            )
        case i18n.BlockTranslateNode():
            sentence = [*node.singular, *(node.plural or ())]
            return node.asvar is None and node.message_context is None and all(token.token_type == base.TokenType.TEXT for token in sentence)
        case static.StaticNode():
            return node.varname is None and _is_constant(node.path)
        case library.SimpleNode():
            given = [*node.args, *node.kwargs.values()]
            return node.target_var is None and getattr(node.func, "settles", False) and all(_is_constant(one) for one in given)
        case defaulttags.URLNode():
            return node.asvar is None and not node.args and not node.kwargs and _is_constant(node.view_name)
        case _:
            return False


def _quicker(node: base.Node) -> base.Node:
    """Give what renders the same in less time, or the node itself."""
    if _is_settled(node):
        return Settled(node)
    if type(node) is base.VariableNode:
        return Shown(node.filter_expression)
    if type(node) is i18n.BlockTranslateNode:
        return Told(**vars(node))
    if type(node) is defaulttags.URLNode and node.asvar is None and not node.kwargs and len(node.args) == 1 and _is_constant(node.view_name):
        return Address(node.view_name, node.args, {}, None)
    if type(node) is loader_tags.IncludeNode and not node.isolated_context and not node.template.is_var and not node.template.var.startswith("."):
        return Part(node.template, extra_context=node.extra_context)
    return node


class Parser(base.Parser):
    """Compile to the nodes above."""

    def compile_filter(self, token: str) -> Expression:
        """Compile a variable with its filters."""
        return Expression(token, self)

    def extend_nodelist(self, nodelist: base.NodeList, node: base.Node, token: base.Token) -> None:
        """Put a quicker node in the place of this one."""
        if not isinstance(node, defaulttags.LoadNode | defaulttags.CommentNode):
            super().extend_nodelist(nodelist, _quicker(node), token)


class Template(base.Template):
    """A template compiled to them."""

    def compile_nodelist(self) -> base.NodeList:
        """Compile the source."""
        parser = Parser(base.Lexer(self.source).tokenize(), self.engine.template_libraries, self.engine.template_builtins, self.origin)
        nodes = parser.parse()
        self.extra_data = parser.extra_data
        return nodes


class Loader(cached.Loader):
    """Load templates as Django does, each compiled once; Django's own where templates are debugged."""

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> base.Template:
        """Find the template. Raises TemplateDoesNotExist."""
        if self.engine.debug:
            return super().get_template(template_name, skip)
        key = self.cache_key(template_name, skip)
        found = self.get_template_cache.get(key)
        if found is None:
            found = self.get_template_cache[key] = self._compiled(template_name, skip or [])
        return found

    def _compiled(self, template_name: str, skip: list[Origin]) -> Template:
        for origin, source in self._sources(template_name):
            if origin not in skip:
                return Template(source, origin, template_name, self.engine)
        raise TemplateDoesNotExist(template_name)

    def _sources(self, template_name: str) -> Iterator[tuple[Origin, str]]:
        for origin in self.get_template_sources(template_name):
            try:
                yield origin, self.get_contents(origin)
            except TemplateDoesNotExist:
                continue
