app_name = "sorties"
urlpatterns = []
