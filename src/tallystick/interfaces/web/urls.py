"""Map the site: every address of the pages on one screen. The operator's addresses stand in pages/operator_urls.py."""

from allauth.account import views as account
from django.urls import include, path

from tallystick.interfaces.web import converters
from tallystick.interfaces.web.pages import home, operator_urls, seat, sign_in_link, theme

converters.register()

_SHELL = [
    path("", home.home, name="home"),
    path("theme/", theme.theme, name="theme"),
    path("seat/", seat.seat, name="seat"),
]
_PERSON = [
    path("person/", include("allauth.urls")),
    path("sign-in/", account.login, name="sign-in"),
    path("sign-in/link/<str:token>", sign_in_link.sign_in_link, name="sign-in-link"),
]

urlpatterns = [
    *_SHELL,
    *_PERSON,
    path("operator/", include(operator_urls.urlpatterns)),
]
